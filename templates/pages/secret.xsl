<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/history.xsl"/>
<xsl:template match="page" mode="title"><xsl:value-of select="detail/secret/@secret-name"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/settings/security">Security settings</a></nav>
<xsl:apply-templates select="detail/secret"/>
<xsl:apply-templates select="detail/history"/>
</xsl:template>

<xsl:template match="detail/secret">
<h1 id="secret-name"><span class="scope"><xsl:value-of select="@scope"/>/</span><xsl:value-of select="@secret-name"/></h1>
<p class="lead">The value is sealed. It is not shown here or anywhere else; saving the name again rotates it.</p>
<dl class="panel facts">
<div><dt>Key version</dt><dd id="settings-security-secret-key-version-{@id}"><xsl:value-of select="@key-version"/></dd></div>
<div><dt>Last rotated</dt><dd id="settings-security-secret-rotated-at-{@id}"><time datetime="{@rotated-at}"><xsl:value-of select="@rotated-at-text"/></time></dd></div>
<div><dt>Source</dt><dd id="settings-security-secret-source-value-{@id}"><xsl:value-of select="@source"/></dd></div>
<div><dt>Status</dt><dd><span class="status {@status}" id="secret-status"><xsl:value-of select="@status"/></span></dd></div>
<div><dt>Expires</dt><dd id="secret-expires-at"><xsl:apply-templates select="." mode="expiry"/></dd></div>
<div><dt>Created</dt><dd><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></dd></div>
<xsl:apply-templates select="@project"/>
<div><dt>Id</dt><dd><code><xsl:value-of select="@id"/></code></dd></div>
</dl>
</xsl:template>

<xsl:template match="secret/@project"><div><dt>Project</dt><dd><code><xsl:value-of select="."/></code></dd></div></xsl:template>
<xsl:template match="secret" mode="expiry">never</xsl:template>
<xsl:template match="secret[@expires-at]" mode="expiry"><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></xsl:template>
<xsl:template match="secret[@expired='yes']" mode="expiry" priority="2"><span class="status expired">expired</span><xsl:text> </xsl:text><time datetime="{@expires-at}"><xsl:value-of select="@expires-at-text"/></time></xsl:template>
</xsl:stylesheet>
